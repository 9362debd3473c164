'use strict';

/** Loaded into each app before anything else: the test may set its clock forward. */
const [now, passed] = [Date.now, performance.now.bind(performance)];
let ahead = 0;
Date.now = () => now() + ahead;
performance.now = () => passed() + ahead;
process.on('message', (milliseconds) => {
  ahead += milliseconds;
  process.send('ahead');
});
// A test that was ended leaves no app behind.
process.on('disconnect', () => process.exit());
