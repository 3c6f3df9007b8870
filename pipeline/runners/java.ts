import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Child, type ChildOptions } from './child.ts'
import type { Log } from './local.ts'

/** Something that this machine lacks, in words that say how to mend it. */
export class MissingError extends Error {
  override readonly name = 'MissingError'
}

const MEND_JAVA = 'install Java 11 or 17 (such as the package openjdk-17-jre-headless), or put it on the PATH.'
/** Beside the sources as in the package. */
const FETCH = join(import.meta.dirname, '../../scripts/fetch-flink.sh')
const mendJars = () => `${relative(process.cwd(), FETCH)} fetches them (about 220 MB, from Maven Central).`

/** Throws a MissingError unless Java and the folder of jars are there. Resolves with Java's major version. */
export async function javaIsThere(jars: string): Promise<number> {
  const found = await readdir(jars).catch((): string[] => [])
  if (!found.some((name) => name.startsWith('beam-runners-flink-'))) {
    throw new MissingError(`Beam's and Flink's jars are not in ${jars}: ${mendJars()}`)
  }
  const lines: string[] = []
  const asked = new Child(['java', '-version'], { onComplaint: (line) => lines.push(line) })
  const ended = await asked.ended.catch(() => undefined)
  const version = Number(/version "(\d+)/.exec(lines.join('\n'))?.[1])
  if (ended !== 0 || Number.isNaN(version)) throw new MissingError(`Java is not there: ${MEND_JAVA}`)
  if (version !== 11 && version !== 17)
    throw new MissingError(`Flink 1.19 does not run on Java ${version}: ${MEND_JAVA}`)
  return version
}

export interface JavaOptions {
  readonly jars: string
  readonly main: string
  readonly args: readonly string[]
  readonly javaVersion: number
  readonly maxHeapMb: number
  readonly log: Log
  readonly onLine?: (line: string) => void
}

/** As Flink's own start scripts have it: the packages that it and its serializers look into. */
const OPENED = [
  'sun.nio.ch',
  'java.nio',
  'java.util',
  'java.util.concurrent',
  'java.lang.invoke',
  'java.lang',
  'java.net',
  'java.text',
  'java.time',
]

/** Java does not notice when its parent is gone: this waits for the end of its own standard input, and then ends it. */
const GUARD = `exec 3<&0
"$@" </dev/null & java=$!
trap 'kill $java 2>/dev/null' TERM INT
(cat <&3 >/dev/null; kill $java 2>/dev/null) >/dev/null 2>&1 & guard=$!
wait $java; code=$?
kill $guard 2>/dev/null
exit $code`

/** They log where they listen, which is known from nowhere else. */
const ADDRESSES = [
  'org.apache.beam.runners.jobsubmission.JobServerDriver',
  'org.apache.flink.runtime.dispatcher.DispatcherRestEndpoint',
]

const COMPLAINTS = 60

/** A Java program. Its errors go to the log; its last lines are kept, to tell what it died of. */
export class Java implements AsyncDisposable {
  readonly #child: Child
  readonly #last: string[] = []

  constructor({ jars, main, args, javaVersion, maxHeapMb, log, onLine }: JavaOptions) {
    const note = (line: string) => {
      this.#last.push(line)
      if (this.#last.length > COMPLAINTS) this.#last.shift()
      if (/^\[[^\]]*\] ERROR /.test(line)) log.error({ main }, line)
      onLine?.(line)
    }
    const options: ChildOptions = { onOutput: note, onComplaint: note }
    this.#child = new Child(
      [
        'sh',
        '-c',
        GUARD,
        'sh',
        'java',
        `-Xmx${maxHeapMb}m`,
        ...OPENED.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
        ...(javaVersion >= 17 ? ['-Djava.security.manager=allow'] : []),
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        ...ADDRESSES.map((name) => `-Dorg.slf4j.simpleLogger.log.${name}=info`),
        '-cp',
        join(jars, '*'),
        main,
        ...args,
      ],
      options,
    )
  }

  /** Rejects when the program ends, with its last lines. */
  async died(): Promise<never> {
    const how = await this.#child.ended
    throw new Error(`Java ended (${how}). Its last lines:\n${this.#last.join('\n')}`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]()
  }
}
