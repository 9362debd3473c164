export { FAULT_MODES, type FaultMode } from './faults';
export type { RunningSimulator } from './listen';
export { SIMULATOR_CREDENTIALS, type SimulatorOptions } from './options';
export { createSimulator, type Simulator } from './simulator';
