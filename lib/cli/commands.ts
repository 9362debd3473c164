import type { Command } from './command';
import { demo } from './demo/demo';
import { doctor } from './doctor/doctor';
import { simulate } from './simulate/simulate';
import { callbacks } from './texts/callbacks';
import { lookup } from './texts/lookup';
import { messages } from './texts/messages';
import { send } from './texts/send';

export const COMMANDS: readonly Command[] = [
  demo,
  doctor,
  send,
  lookup,
  messages,
  callbacks,
  simulate,
];
