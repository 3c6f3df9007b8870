import { Command } from 'commander'
import type { BootOptions } from '../pipeline/in-container.ts'

/** For runners, not for people: hence not in the list of commands. */
export const beamBoot = () =>
  new Command('beam-boot')
    .description('Run the workers of a container for a portable Beam runner, as it provisions.')
    .requiredOption('--id <id>', 'what the runner calls the first worker')
    .requiredOption('--provision_endpoint <host:port>', "the runner's provision service")
    .option('--control_endpoint <host:port>', 'where a runner controls workers that does not provision it')
    .option('--logging_endpoint <host:port>', 'where a runner takes logs that does not provision it')
    .option('--artifact_endpoint <host:port>', 'not used: the image has all the code')
    .option('--semi_persist_dir <folder>', 'not used: workers keep nothing')
    .action(async (options: BootOptions) => (await import('../pipeline/in-container.ts')).runInContainer(options))
