import { createSimulator } from '../../simulator';
import type { RunningSimulator, SimulatorOptions } from '../../simulator';
import { CommandFailure } from '../failures';

/** Starts a simulator; fails in words where the port is taken. `option` is how to name another. */
export async function startSimulator(
  options: SimulatorOptions,
  { port, host, option }: { port: number; host: string; option: string },
): Promise<RunningSimulator> {
  const simulator = createSimulator(options);
  try {
    return await simulator.listen(port, host);
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      `The simulator cannot listen on ${host}, port ${port} (${code}). Give another ${option}; 0 takes a free one.`,
    );
  }
}
