import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Imports go one way: index → second-factor → express | passport | cli → core → ports;
 * implementations (counters, senders, stores, flowroute, simulator) know only ports and errors.
 */
const outward = [
  'express',
  'passport',
  'pages',
  'options',
  'check',
  'cli',
  'counters',
  'senders',
  'stores',
  'flowroute',
  'simulator',
];
const forbid = (folder, rooms, packages = []) => ({
  files: [`lib/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              ...rooms.map((room) => `**/${room}/**`),
              '**/second-factor',
              '**/index',
              ...packages,
            ],
            message: `lib/${folder} must not reach outwards (docs/inside.md: Layers).`,
          },
        ],
      },
    ],
  },
});
const frameworks = [
  'express',
  'express-session',
  'passport',
  'passport-strategy',
  'redis',
  'node:http',
  'node:net',
  'node:https',
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'coverage/**',
      'reports/**',
      '.stryker-tmp/**',
      'test/recipes/**',
      'test/servers/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // What is heavy or seldom used is loaded when it is first needed.
      '@typescript-eslint/no-require-imports': [
        'error',
        {
          allow: [
            '^libphonenumber-js/(core|max|max/metadata|mobile/examples)$',
            '^bowser$',
            '^@opentelemetry/api$',
            '^\\./(check|express|passport|flowroute)/',
            '^\\./[a-z]{2}$',
          ],
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, argsIgnorePattern: '^_' },
      ],
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: ['**/*.cjs', '**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        module: 'writable',
        require: 'readonly',
        process: 'readonly',
        console: 'readonly',
        document: 'readonly',
        __dirname: 'readonly',
        URL: 'readonly',
      },
    },
  },
  {
    files: ['bench/**/*.mjs', 'test/{matrix,hosts}/**/*.{mjs,cjs}'],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        URLSearchParams: 'readonly',
        clearTimeout: 'readonly',
        exports: 'writable',
        fetch: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  forbid('core', outward, frameworks),
  forbid('ports', ['core', ...outward], frameworks),
  forbid(
    'counters',
    ['core', ...outward.filter((room) => room !== 'counters')],
    ['express', 'passport'],
  ),
  forbid(
    'senders',
    ['core', ...outward.filter((room) => room !== 'senders' && room !== 'flowroute')],
    ['express', 'passport'],
  ),
  forbid(
    'stores',
    ['core', ...outward.filter((room) => room !== 'stores')],
    ['express', 'passport'],
  ),
  forbid(
    'pages',
    outward.filter((room) => room !== 'pages'),
    frameworks,
  ),
  forbid(
    'flowroute',
    ['core', ...outward.filter((room) => room !== 'flowroute')],
    ['express', 'passport'],
  ),
  forbid('simulator', ['core', ...outward.filter((room) => room !== 'simulator')], ['passport']),
  forbid(
    'express',
    ['passport', 'cli', 'counters', 'senders', 'flowroute', 'simulator'],
    ['passport'],
  ),
  forbid('passport', ['cli', 'counters', 'senders', 'flowroute', 'simulator', 'pages']),
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
);
