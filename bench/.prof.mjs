import { browser, everybody, readCodes } from './browser.mjs';
import { serve, startRedis } from './processes.mjs';
const op=process.argv[2]; const redis=process.argv[3]==='redis'? await startRedis():undefined;
const app=await serve('library',redis?.url,['--cpu-prof','--cpu-prof-dir=/tmp/prof-'+op]);
for(let r=0;r<6;r++){const users=Array.from({length:400},(_,i)=>browser(app,`u${r*400+i+1}`));
await everybody(users,app,'signIn'); if(op!=='signIn'){ await everybody(users,app,'send'); if(op==='verify'){await readCodes(app,users);console.log('verify',await everybody(users,app,'verify'))} if(op==='gate'){await readCodes(app,users);await everybody(users,app,'verify');const m=[...users,...users,...users];for(let k=0;k<3;k++){console.log('gated',await everybody(m,app,'gated'),'ungated',await everybody(m,app,'ungated'))}}}}
await app.stop(); await redis?.stop?.();process.exit(0);
