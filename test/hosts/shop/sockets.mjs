import passport from 'passport';
import { io } from './io.mjs';
import { sessions } from './sessions.mjs';

io.use(({ request }, next) => next(request.user ? undefined : new Error('not signed in')));

io.on('connection', (socket) => {
  const { session, user } = socket.request;
  // Signing out ends the sockets of that session.
  socket.join(session.id);
  socket.join(`customer ${user.id}`);
  socket.emit('news', `Welcome, ${user.email}`);
});

export function attachSockets(server) {
  io.attach(server);
  io.engine.use(sessions);
  io.engine.use(passport.session());
}
