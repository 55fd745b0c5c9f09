"""The lines in which a network is tuned; `tuned` fills in the settings that were used."""

from __future__ import annotations

TEXT_NETWORK = '''
folder = {folder}
{name}_tokenizer = {tokenizer}
# eval(): it learns as it answers, without dropout, which gains nothing in a few passes.
{name}_network = AutoModel.from_pretrained({options}).eval()


def {name}_features(some):
    """(n, d) one vector of length 1 a text: the mean of its tokens."""
    batch = {name}_tokenizer(
        {batch}, padding=True, truncation=True, max_length={length}, return_tensors="pt"
    )
    mask = batch["attention_mask"].unsqueeze(2)  # 1 for a token, 0 for what fills up
    states = {name}_network(**batch).last_hidden_state
    return normalized((states * mask).sum(1) / mask.sum(1), dim=1)
'''
TEXT_COLUMN = """
column = texts(train[{column}]).to_numpy()
tokens = {name}_tokenizer({all_texts}, truncation=True, max_length={length})["input_ids"]
lengths = np.array([len(one) for one in tokens])
"""
PICTURE_NETWORK = '''
{load}


def {name}_pixels(column):
    """(n, side, side, 3) the pictures of a column."""
    return np.stack([{pixels} for one in column])


def {name}_features(some):
    """(n, d) one vector a picture: the mean of its last map."""
    return {name}_network(as_batch(some, *{scale})).{pooled}
'''
MARGINS = '''
def {name}_margins(some):
    """(n, k) how much speaks for {classes}."""
    return {margins}


def {name}_read(function, some):
    """What a function gives for many rows, a few at a time, when nothing is learnt."""
    with torch.no_grad():
        return torch.cat([function(some[i : i + 32]) for i in range(0, len(some), 32)])
'''
SOLVED = """
# The head first, on the network as it came: a head of random numbers would begin by teaching
# the network nonsense (Kumar et al. 2022).
begin = {begin}
X = {name}_read({name}_features, column[begin]).numpy()
mean, length = X.mean(axis=0), np.sqrt(X.var(axis=0).sum())
solved = LogisticRegression(C=10, max_iter=200, tol=1e-3)
solved.fit((X - mean) / length, y_train[begin])
weights = solved.coef_ / length
{name}_head = torch.nn.Linear(X.shape[1], len(weights))
{name}_head.weight.data = torch.tensor(weights).float()
{name}_head.bias.data = torch.tensor(solved.intercept_ - weights @ mean).float()
"""
DRAWN = """
# The head begins as random numbers, as most tutorials have it: what it teaches the network at
# first is nonsense (Kumar et al. 2022), and how much that costs is what is tried here.
drawn = np.random.default_rng([{seed}, 11]).normal(0, {spread}, ({width}, {outputs}))
{name}_head = torch.nn.Linear({width}, {outputs})
{name}_head.weight.data = torch.tensor(drawn.T).float()
torch.nn.init.zeros_({name}_head.bias)
"""
SHUFFLED = '''
def shuffled_batches(lengths, size, seed):
    """Positions of rows, pass after pass; those of like length together, to fill up little."""
    for epoch in itertools.count():
        rng = np.random.default_rng([seed, epoch])
        order, batches = rng.permutation(len(lengths)), []
        for start in range(0, len(order), 32 * size):
            pool = order[start : start + 32 * size]
            pool = pool[np.argsort(lengths[pool], kind="stable")]
            batches += np.split(pool, range(size, len(pool), size))
        for place in rng.permutation(len(batches)):
            yield batches[place]
'''
SHUFFLED_PICTURES = '''
def shuffled_pictures(n, size, seed):
    """Positions of pictures, pass after pass, and what draws how each is shown."""
    for epoch in itertools.count():
        rng = np.random.default_rng([seed, epoch])
        batches = np.split(rng.permutation(n), range(size, n, size))
        for place in rng.permutation(len(batches)):
            yield batches[place], rng
'''
MIRROR_SHIFT = '''
def mirror_shift(picture, rng):
    """The picture mirrored half of the time and shifted a little: what it shows stays the same."""
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    side = len(picture)
    reach = max(1, side // 12)
    down, right = reach + rng.integers(-reach, reach + 1, 2)
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    return padded[down : down + side, right : right + side]
'''
FLIP = '''
def flip(picture, rng):
    """The picture mirrored half of the time: what it shows stays the same."""
    return picture[:, ::-1] if rng.random() < 0.5 else picture
'''
JUDGED = '''
def judged_loss(margins, targets):
    """Log loss after margins were stretched as suits them: how sure they are is set later."""
    smoothing = 1 / (len(targets) + 1)  # lest rows that are all right ask for boundless sureness

    def smoothed(stretch):
        return cross_entropy(stretch * margins, targets, label_smoothing=smoothing)

    stretch = min(np.geomspace(1 / 50, 50, 600), key=smoothed)
    losses = [cross_entropy(by * margins, targets).item() for by in (stretch, 1)]
    return losses[0] if (margins.argmax(1) == targets).all() else min(losses)
'''
EXCHANGE = '''
def exchange(weights, others):
    """Put the others in the places of a network's weights, and those into theirs."""
    for place, weight in enumerate(weights):
        weight.data, others[place] = others[place], weight.data
'''
GROUPS = """
# Upper layers learn faster than lower ones, which hold what all {rows} share.{still}
layers = {layers}
{name}_network.requires_grad_(False)
groups = [{{"params": list({name}_head.parameters()), "lr": 20 * {rate}}}]
for depth, layer in enumerate(reversed(layers)):
    layer.requires_grad_(True)
    groups.append({{"params": list(layer.parameters()), "lr": {rate} * {fall}**depth{nodecay}}})
"""
TRAINING = """
{groups}
optimiser = torch.optim.AdamW(groups, weight_decay={decay})
steps = math.ceil(len(learnt) / {size})  # of a pass over the rows
total, half = round({epochs} * steps), max(1, steps // 2)
warm = max(1, total // 10)
schedule = torch.optim.lr_scheduler.LambdaLR(  # up for a tenth, then straight down to 0
    optimiser, lambda step: min((step + 1) / warm, (total - step) / max(1, total - warm))
)

# What is judged and kept is the moving average of the weights, which is steadier than they are.
weights = [weight for group in groups for weight in group["params"]]
average, best = ([weight.detach().clone() for weight in weights] for _ in range(2))
targets = torch.tensor(y_train)
losses = [judged_loss({name}_read({name}_margins, column[judged]), targets[judged])]
batches = {batches}
{before}for step in range(1, total + 1):
{taken}
{backward}
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimiser.step()
{after}    optimiser.zero_grad()
    schedule.step()
    keep = min({ema}, 1 - 10 / max(20, total), step / (step + 10))
    for mean, weight in zip(average, weights):
        mean.lerp_(weight.detach(), 1 - keep)
    if step % half and step < total:
        continue
    exchange(weights, average)
    margins = {name}_read({name}_margins, column[judged])
    losses.append(judged_loss(margins, targets[judged]))
    if losses[-1] == min(losses{later}):
        best = [weight.detach().clone() for weight in weights]
    exchange(weights, average)
    if min(losses[1:]) < min(losses[-4:]):
        break  # nothing got better for two passes
exchange(weights, best)
{settle}"""
