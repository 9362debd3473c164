import { Server } from 'socket.io';

/** Each customer's browser hears what becomes of the orders. */
export const io = new Server();
