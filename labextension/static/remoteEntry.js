/* What a kernel can't do by itself: put a cell into the notebook that is open before a person, and
 * know that person's language.
 *
 * JupyterLab and Notebook load this file as a container of shared modules (webpack's module
 * federation); there is nothing to build, as it takes what it needs from the page around it.
 * A form opens a comm of the first target below with {text, cell}; the answer is {written: true}.
 * Loading the magic opens one of the second; the answer is {locale: "zh-CN"}: the language of the
 * front end where another one than English was chosen for it, else that of the browser.
 */
(() => {
  const CELL = 'automl_nb:cell';
  const LOCALE = 'automl_nb:locale';
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

  const localeOf = translator => {
    const chosen = translator?.languageCode ?? 'en';
    return /^(en|default)/.test(chosen) ? navigator.language : chosen;
  };

  const extension = async () => {
    const { INotebookTracker, NotebookActions } = await take('@jupyterlab/notebook');
    const { ITranslator } = await take('@jupyterlab/translation');
    const listen = (panel, translator) => {
      const register = () => {
        const kernel = panel.sessionContext.session?.kernel;
        kernel?.registerCommTarget(CELL, (comm, opened) => {
          write(NotebookActions, panel.content, opened.content.data);
          comm.send({ written: true });
        });
        kernel?.registerCommTarget(LOCALE, comm => {
          comm.send({ locale: localeOf(translator) });
        });
      };
      panel.sessionContext.kernelChanged.connect(register);
      register();
    };
    return {
      __esModule: true,
      default: {
        id: 'automl_nb:cells',
        autoStart: true,
        requires: [INotebookTracker],
        optional: [ITranslator],
        activate: (_, tracker, translator) => {
          tracker.forEach(panel => listen(panel, translator));
          tracker.widgetAdded.connect((_, panel) => listen(panel, translator));
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
