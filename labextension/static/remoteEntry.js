/* What a kernel can't do by itself: put a cell into the notebook that is open before a person.
 *
 * JupyterLab and Notebook load this file as a container of shared modules (webpack's module
 * federation); there is nothing to build, as it takes what it needs from the page around it.
 * A form opens a comm of the target below with {text, cell}; the answer is {written: true}.
 */
(() => {
  const TARGET = 'automl_nb:cell';
  let shared;

  const take = async name => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  const write = (actions, notebook, { text, cell }) => {
    const place = notebook.widgets.findIndex(one => one.model.id === cell);
    if (place >= 0) notebook.activeCellIndex = place;
    actions.insertBelow(notebook);
    notebook.activeCell.model.sharedModel.setSource(text);
  };

  const extension = async () => {
    const { INotebookTracker, NotebookActions } = await take('@jupyterlab/notebook');
    const listen = panel => {
      const register = () =>
        panel.sessionContext.session?.kernel?.registerCommTarget(TARGET, (comm, opened) => {
          write(NotebookActions, panel.content, opened.content.data);
          comm.send({ written: true });
        });
      panel.sessionContext.kernelChanged.connect(register);
      register();
    };
    return {
      __esModule: true,
      default: {
        id: 'automl_nb:cells',
        autoStart: true,
        requires: [INotebookTracker],
        activate: (_, tracker) => {
          tracker.forEach(listen);
          tracker.widgetAdded.connect((_, panel) => listen(panel));
        }
      }
    };
  };

  (window._JUPYTERLAB ??= {})['automl_nb'] = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const made = await extension();
      return () => made;
    }
  };
})();
