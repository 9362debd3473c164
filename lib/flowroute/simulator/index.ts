export { FAULT_MODES, type FaultMode } from './faults/fault-modes';
export { MAGIC_NUMBERS } from './faults/magic-numbers';
export type { RunningSimulator } from './listen';
export {
  SIMULATOR_CREDENTIALS,
  type CallbackShape,
  type SimulatorOptions,
  type StatusCodeStyle,
} from './options';
export { createSimulator, type Simulator } from './simulator';
export type { Schedule } from './timers';
