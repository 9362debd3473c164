export { FAULT_MODES, type FaultMode } from './fault-modes';
export { MAGIC_NUMBERS } from './fault-modes';
export type { RunningSimulator } from './simulator';
export {
  SIMULATOR_CREDENTIALS,
  type CallbackShape,
  type SimulatorOptions,
  type StatusCodeStyle,
} from './simulator-options';
export { createSimulator, type Simulator } from './simulator';
export type { Schedule } from './timers';
