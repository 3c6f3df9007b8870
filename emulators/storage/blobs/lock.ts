import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/** One emulator at a time may use a folder. A lock that a killed process left does not count. */
export function lockFolder(path: string): () => void {
  const [pid = 0, start] = holderOf(path)
  const isHeld = pid === process.pid ? start === performance.timeOrigin : pid > 0 && isRunning(pid)
  if (isHeld) throw new Error(`Process ${pid} is using this folder (${path}): give each emulator a dataDir of its own.`)
  writeFileSync(path, `${process.pid} ${performance.timeOrigin}`)
  return () => rmSync(path, { force: true })
}

/** Its process id, and when that process started: in a container, the next process often has the same id. */
function holderOf(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').split(' ').map(Number)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw thrown
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
