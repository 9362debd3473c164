import { rowOf, SCENARIOS } from './simulated-year/scenarios';
test.each(Object.entries(SCENARIOS))(
  '%s',
  async (_key, scenario) => {
    const start = performance.now();
    const outcome = await scenario.play();
    const codes: Record<string, number> = {};
    for (const j of Object.values(outcome.honest).flat())
      if (j.refused) codes[j.refused.code] = (codes[j.refused.code] ?? 0) + 1;
    console.log(
      rowOf(scenario, outcome).join(' | '),
      JSON.stringify(codes),
      Math.round(performance.now() - start),
      outcome.site.events.filter((e) => e.name === 'conversion_low').length,
    );
  },
  120_000,
);
