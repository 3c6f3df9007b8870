/** For `node --import`: a process that tries to leave this machine ends at once, with exit code 86. */
import { stayOnThisMachine } from './guard.ts'

stayOnThisMachine((error) => {
  console.error(error.stack)
  process.exit(86)
})
