export { FAULT_MODES, MAGIC_NUMBERS, type FaultMode } from './fault-modes';
export {
  SIMULATOR_CREDENTIALS,
  type CallbackShape,
  type SimulatorOptions,
  type StatusCodeStyle,
} from './simulator-options';
export { createSimulator, type RunningSimulator, type Simulator } from './simulator';
export type { Schedule } from './callback-posts';
