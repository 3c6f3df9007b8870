export interface Output {
  /** The columns of the terminal, or 80 where there is none. */
  readonly width: number
  /** Resolves when more may be written; false when nobody reads any more. */
  write(text: string): Promise<boolean>
}

/** Standard output, whose reader may be slow, or go, as `head` does. */
export function standardOutput(stream: NodeJS.WriteStream): Output {
  let gone = false
  let wake = () => {}
  stream.on('drain', () => wake())
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    gone = true
    wake()
  })
  return {
    get width() {
      return stream.isTTY ? Math.max(40, stream.columns) : 80
    },
    async write(text) {
      if (!gone && !stream.write(text)) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return !gone
    },
  }
}
