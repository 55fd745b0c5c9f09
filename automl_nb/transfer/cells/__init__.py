"""Cells: small heads whose wiring over a frozen network's layers is searched for.

| file | what it is |
|---|---|
| `architecture` | `Architecture`: nodes that read layers and earlier nodes; its search space |
| `ops` | what may stand on an edge, and a cell's output, by NumPy or torch |
| `lesson` | features by layer and targets, as all networks here see them |
| `learner` | trains the network of one architecture from scratch |
| `bilevel` | the second-order gradient, and the curvature that warns of a collapse |
| `supernet` | all architectures in one network: DARTS |
| `derive` | from a supernet's weights to the likeliest architectures |
| `searches` | by gradient, or by trained candidates; both give finalists |
| `work` | a whole trial: two halves of the folds, finalists, heads, the plain head beside them |
| `verdict` | what the found head is worth, in a sentence |
| `predictor` | the mean of several cells, by NumPy alone |
"""
