import { basename, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');
/** What lies on disk, parsed once for all that is compiled here. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * What the compiler says of these files, by the settings of the repository. They are not written
 * anywhere: the compiler is told that they lie in this folder, or else beside the pages. `named`: each
 * line begins with its file.
 */
export function typeErrors(
  files: Record<string, string>,
  folder = join(ROOT, 'docs', 'enrollments'),
  named = false,
): string[] {
  const settings = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.test.json'),
    undefined,
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  if (settings === undefined) throw new Error('tsconfig.test.json cannot be read');
  const texts = new Map(Object.entries(files).map(([name, text]) => [join(folder, name), text]));
  const host = ts.createCompilerHost(settings.options);
  const onDisk = { ...host };
  host.fileExists = (name) => texts.has(name) || onDisk.fileExists(name);
  host.readFile = (name) => texts.get(name) ?? onDisk.readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, version);
    const file = parsed.get(name) ?? onDisk.getSourceFile(name, version, ...rest);
    parsed.set(name, file);
    return file;
  };
  const program = ts.createProgram([...texts.keys()], settings.options, host);
  return [...texts.keys()].flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      .map((says) => (named ? `${basename(name)}: ${says}` : says)),
  );
}
