import { readdirSync, readFileSync } from 'node:fs';
import { Converter } from 'typedoc';

/** A page is called by its heading, not by its file. */
function namedByHeading(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const heading = document.content.find(({ kind }) => kind === 'text')?.text;
    const [, title] = /^# (.+)$/m.exec(heading ?? '') ?? [];
    if (title !== undefined) document.name = title;
  });
}

// What is for those who change the library stays in the repository.
const FOR_OTHERS = ['README.md', 'decisions.md', 'mutation.md'];
const index = readFileSync('docs/README.md', 'utf8');
const inOrder = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file);
const others = readdirSync('docs')
  .filter((file) => file.endsWith('.md') && !FOR_OTHERS.includes(file))
  .filter((file) => !inOrder.includes(file));
const pages = [...new Set(['README.md', ...inOrder, ...others])];

/** The reference of all four entries, and the pages of docs, in `site`, which can be read offline. */
export default {
  plugin: [namedByHeading],
  name: 'passport-sms-2fa',
  entryPoints: [
    'lib/index.ts',
    'lib/client/index.ts',
    'lib/testing/index.ts',
    'lib/simulator/index.ts',
  ],
  tsconfig: 'tsconfig.json',
  out: 'site',
  readme: 'README.md',
  projectDocuments: [
    ...pages.map((file) => `docs/${file}`),
    'docs/enrollments/*.md',
    'SECURITY.md',
    'CHANGELOG.md',
  ],
  excludeInternal: true,
  excludePrivate: true,
  sort: ['source-order'],
  highlightLanguages: ['bash', 'diff', 'html', 'javascript', 'json', 'prisma', 'sql', 'typescript'],
  searchInDocuments: true,
  searchInComments: true,
  disableSources: true,
  // Names that no app writes are shown where they are used.
  validation: { notExported: false, invalidLink: true, invalidPath: true },
  treatWarningsAsErrors: true,
};
