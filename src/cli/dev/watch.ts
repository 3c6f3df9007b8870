import { watch } from 'node:fs'
import { join, sep } from 'node:path'

const FOLDERS = ['src', 'pipeline', 'clock', 'emulators']

/** Editors and version control touch many files at once: they are one change when no more come for so long. */
const QUIET_MS = 150

/** Tells of changed files below the source folders of `root`, as paths relative to it with slashes, many at once. */
export function watchSources(root: string, onChange: (paths: readonly string[]) => void): Disposable {
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    const paths = [...changed].sort()
    changed.clear()
    onChange(paths)
  }
  const watchers = FOLDERS.map((folder) =>
    watch(join(root, folder), { recursive: true }, (_event, file) => {
      if (file === null) return
      changed.add(`${folder}/${file.split(sep).join('/')}`)
      clearTimeout(timer)
      timer = setTimeout(tell, QUIET_MS)
    }),
  )
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}
