import { examine } from './examine';

describe('of the texts', () => {
  test.each([
    ['https://bank.example', ['--domain', 'bank.example'], 'ok', 'last line: @bank.example #code'],
    ['https://bank.example', [], 'unknown', 'is not known here'],
    ['https://www.bank.example', ['--domain', 'bank.example'], 'ok', 'at bank.example'],
    ['https://bank.example', ['--domain', 'other.example'], 'wrong', 'the app is at bank.example'],
    ['https://xbank.example', ['--domain', 'bank.example'], 'wrong', 'the app is at xbank'],
    ['https://192.0.2.1', [], 'unknown', 'is not known here'],
    ['https://bank.example', ['--domain', 'bank.example:443'], 'wrong', '--domain is'],
  ])('the domain line at %s with %j is %s', async (address, args, state, words) => {
    const { of } = await examine({ PUBLIC_URL: address }, args);
    expect(of('text')[0]).toMatchObject({ state, says: expect.stringContaining(words) });
  });

  test('a name that fits exactly is fine, and one that is longer is not', async () => {
    const env = { PUBLIC_URL: 'https://bank.example' };
    const room = Number(/may have (\d+)/.exec((await examine(env)).text)![1]);
    const args = ['--domain', 'bank.example', '--app-name', 'A'.repeat(room)];
    const fits = await examine(env, args);
    expect(fits.of('text')[1]).toEqual({
      check: 'text',
      state: 'ok',
      says: 'The longest text has 160 of 160 characters.',
    });
    const over = await examine(env, [...args, '--code-length', '8']);
    expect(over.of('text')[1]).toMatchObject({
      state: 'wrong',
      says: 'The longest text has 164 of 160 characters.',
      cure: expect.stringContaining('by 4 characters'),
    });
  });

  test('without a name, or without a domain, the length of the texts stays open', async () => {
    const env = { PUBLIC_URL: 'https://bank.example' };
    const words = [
      [['--domain', 'bank.example'], 'is not known here'],
      [['--app-name', 'Acme'], 'characters with the domain bank.example'],
    ] as const;
    for (const [args, says] of words) {
      expect((await examine(env, [...args])).of('text')[1]).toMatchObject({
        state: 'unknown',
        says: expect.stringContaining(says),
      });
    }
  });
});
