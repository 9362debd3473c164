import { createKeyring } from '../../lib/core/keyring';
import { account, closeServers, FROM, SECRET } from './account';
import { command, documents } from './terminal';

afterEach(closeServers);

const OWN = { PUBLIC_URL: 'https://bank.example/app/', SECOND_FACTOR_SECRET: SECRET };
const TOKEN = createKeyring([SECRET]).webhookTokens[0]!;

describe('callbacks', () => {
  test('are set for answers and receipts after a yes, and the token is not shown', async () => {
    const { env, callbacks } = await account();
    const { code, out, err } = await command(['callbacks', 'set'], {
      env: { ...env, ...OWN },
      input: ['y'],
    });
    expect(code).toBe(0);
    const address = `https://bank.example/app/webhooks/flowroute/${TOKEN}`;
    expect([...callbacks]).toEqual([
      ['sms', address],
      ['sms_dlr', address],
    ]);
    expect(out).toContain('https://bank.example/app/webhooks/flowroute/…');
    expect(out + err).not.toContain(TOKEN);
  });

  test('are not touched after a no', async () => {
    const { env, callbacks } = await account();
    const { code } = await command(['callbacks', 'set'], {
      env: { ...env, ...OWN },
      input: ['n'],
    });
    expect({ code, size: callbacks.size }).toEqual({ code: 1, size: 0 });
  });

  test('of one number are set for that number', async () => {
    const { env, callbacks, requests } = await account();
    const args = ['callbacks', 'set', '--yes', '--only-number', '--webhook-path', '/sms'];
    await command(args, { env: { ...env, ...OWN } });
    expect(callbacks.size).toBe(0);
    expect(requests.map(({ url }) => url)).toEqual([
      `/v2/numbers/${FROM}/relationships/sms_callback`,
      `/v2/numbers/${FROM}/relationships/sms_dlr_callback`,
    ]);
    expect(requests[0]!.body).toContain(`https://bank.example/app/sms/${TOKEN}`);
  });

  test('are shown without what may be a secret in them', async () => {
    const { env, callbacks } = await account();
    callbacks.set('sms', 'https://other.example/hooks/hunter2?key=hunter3');
    const { code, out } = await command(['callbacks', '--json'], { env: { ...env, ...OWN } });
    expect(code).toBe(0);
    expect(documents(out)).toEqual([
      { kind: 'sms', address: 'https://other.example/hooks/…', thisApp: false },
      { kind: 'sms_dlr', thisApp: false },
    ]);
    const lines = await command(['callbacks', 'get'], { env: { ...env, ...OWN } });
    expect(lines.out).toContain('sms      https://other.example/hooks/…  (another)');
    expect(lines.out).toContain('sms_dlr  (not set)');
  });
});
