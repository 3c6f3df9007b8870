import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Starts a module that lies beside the caller's in a thread of its own: `name` is the file's without its ending. */
export const startThread = (caller: ImportMeta, name: string, workerData?: unknown): Worker =>
  new Worker(new URL(`./${name}${extname(caller.filename)}`, caller.url), { workerData })
