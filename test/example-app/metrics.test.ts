import { metrics } from '@opentelemetry/api';
import { startMetrics } from '../../example-app/src/web/metrics';
import { METRICS } from '../../lib/telemetry';
import { enroll, startBank } from './bank';

afterEach(() => metrics.disable());

test('[S212] the bank serves Prometheus what was counted, under the names of the dashboard, and nobody is in it', async () => {
  const bank = await startBank({ metrics: startMetrics() });
  await enroll(bank, bank.agent(), 'carol');
  const { text } = await bank
    .agent()
    .get('/metrics')
    .expect(200)
    .expect('Content-Type', /^text\/plain/);
  expect(text).toMatch(
    /^sms2fa_text_attempts_total\{[^}]*sms2fa_purpose="enroll"[^}]*sms2fa_country="US"[^}]*\} 1\b/m,
  );
  expect(text).toMatch(/^sms2fa_changes_total\{sms2fa_change="enrolled"[^}]*\} 1\b/m);
  expect(text).toMatch(/^sms2fa_store_duration_bucket\{/m);
  const names = [...text.matchAll(/^# TYPE (sms2fa_\w+)/gm)].map(([, name]) => name);
  const known = Object.keys(METRICS).map((name) => name.replaceAll('.', '_'));
  const isKnown = (name = ''): boolean => known.includes(name.replace(/_total$/, ''));
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
  expect(text).not.toMatch(/5550177|carol|127\.0\.0/);
});

test('without metrics there is no such path', async () => {
  const bank = await startBank();
  await bank.agent().get('/metrics').expect(404);
});
