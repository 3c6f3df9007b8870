/** For `node --import`: a process that tries to leave this machine ends at once, with exit code 86. */
import { stayOffline } from '../../src/testing/offline.ts'

stayOffline({
  onAttempt(attempt) {
    console.error(attempt.stack)
    process.exit(86)
  },
})
