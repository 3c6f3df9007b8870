import { lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Where an object's content lies: `plain` is `{dataDir}/{bucket}/{name}`. A name that cannot be such a file lies aside,
 * at `{dataDir}/.sluice/aside/{number}`, and works like any other:
 * - it has an empty segment (`a//b`, `/a`, `a/`), a segment `.` or `..`, one above 255 bytes, or a NUL;
 * - another object's file or folder is in its way: `a` and `a/b`, or `A` and `a` on a file system that folds case;
 * - something that is no object lies there.
 */
export type Place = 'plain' | { readonly aside: string }

/** Whether an object may lie at its plain path, where `isThere` says that it does already. Makes the folders above. */
export function makeWay(folder: string, name: string, isThere: boolean): boolean {
  const path = join(folder, name)
  return name.split('/').every(isFileName) && hasFolder(path) && (isThere || isFree(path))
}

const isFileName = (segment: string) =>
  segment !== '' && segment !== '.' && segment !== '..' && !segment.includes('\0') && Buffer.byteLength(segment) <= 255

function hasFolder(path: string): boolean {
  return succeeds(() => mkdirSync(dirname(path), { recursive: true }), ['ENOTDIR', 'EEXIST', 'ENAMETOOLONG', 'EILSEQ'])
}

/** An empty folder is what a kill may leave between making it and using it. */
function isFree(path: string): boolean {
  const inTheWay = lstatSync(path, { throwIfNoEntry: false })
  return inTheWay === undefined || (inTheWay.isDirectory() && removeEmptyFolder(path))
}

/** Removes a file, then the folders above it that this leaves empty, up to `folder`. */
export function removeFile(path: string, folder: string): void {
  rmSync(path, { force: true })
  for (let above = dirname(path); above !== folder && above.startsWith(folder); above = dirname(above)) {
    if (!removeEmptyFolder(above)) return
  }
}

export const removeEmptyFolder = (path: string) => succeeds(() => rmdirSync(path), ['ENOTEMPTY', 'EEXIST', 'ENOENT'])

/** False where the file system answers with one of these codes. */
function succeeds(attempt: () => void, refusals: string[]): boolean {
  try {
    attempt()
    return true
  } catch (thrown) {
    if (refusals.includes((thrown as NodeJS.ErrnoException).code ?? '')) return false
    throw thrown
  }
}
