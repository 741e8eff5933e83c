/** A folder in memory for the editor in the browser: files come from the page's own server, and what
 * is saved goes back there. */
const vscode = require("vscode");

exports.activate = async ({ extensionUri }) => {
  const files = new Map(
    Object.entries(await (await fetch(`${extensionUri}/files.json`)).json()).map(([name, text]) => [
      `/${name}`,
      new TextEncoder().encode(text),
    ]),
  );
  const changed = new vscode.EventEmitter();
  const missing = (uri) => vscode.FileSystemError.FileNotFound(uri);
  const times = { ctime: 0, mtime: 0 };
  const provider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => {}),
    stat: (uri) => {
      if (uri.path === "/") return { ...times, type: vscode.FileType.Directory, size: 0 };
      const content = files.get(uri.path);
      if (!content) throw missing(uri);
      return { ...times, mtime: content.length, type: vscode.FileType.File, size: content.length };
    },
    readDirectory: () => [...files.keys()].map((path) => [path.slice(1), vscode.FileType.File]),
    readFile: (uri) => {
      const content = files.get(uri.path);
      if (!content) throw missing(uri);
      return content;
    },
    writeFile: async (uri, content) => {
      files.set(uri.path, content);
      await fetch(`${extensionUri}/saved${uri.path}`, { method: "POST", body: content });
      changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    },
    createDirectory: () => {},
    delete: (uri) => files.delete(uri.path),
    rename: () => {},
  };
  vscode.workspace.registerFileSystemProvider("memory", provider);
};
