import { mapEnrollments, type Enrollment, type Enrollments } from '../../lib';
import { newestCode, signIn, startApp } from '../helpers/app';
import { ROUTER } from '../helpers/paths';

test('an app whose set() does not say whether it wrote enrolls nobody, and the gate stays shut', async () => {
  const kept = mapEnrollments(new Map<string, Enrollment>());
  const set = (async (...given: Parameters<Enrollments['set']>) => {
    await kept.set(...given);
  }) as unknown as Enrollments['set'];
  const app = await startApp({ factor: { enrollments: { ...kept, set } } });
  const failures: string[] = [];
  app.secondFactor.on('store_failed', ({ error }) => void failures.push(String(error)));
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
  const code = newestCode(app);
  await agent.post(ROUTER.confirm).send({ code }).expect(503);
  expect(failures).toEqual([
    expect.stringContaining('enrollments.set failed: it must answer true'),
  ]);
  await agent.get('/secret').expect(401);
});
