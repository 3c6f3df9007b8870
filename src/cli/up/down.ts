import { compose, dockerIsThere } from '../docker.ts'
import { unlessInterrupted } from '../interrupted.ts'

/** Ends and removes the containers of either profile, and what they hold. */
export async function run(): Promise<void> {
  await unlessInterrupted(
    dockerIsThere().then(() =>
      compose(['--profile', '*', 'down', '--remove-orphans', '--volumes'], { onLine: (line) => console.log(line) }),
    ),
  )
}
