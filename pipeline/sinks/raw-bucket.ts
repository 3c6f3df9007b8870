/** The bucket that raw files lie in: what the ledger needs of it. Whatever fails may be tried again. */
export interface RawBucket {
  /** Strongly consistent, in no particular order. */
  list(prefix: string): Promise<RawFile[]>
  read(name: string): Promise<string>
  /** Undefined: there is no such file. */
  find(name: string): Promise<StoredFile | undefined>
  /** Creates a file whole, or does nothing because there is one already. */
  create(file: RawFile, content: string): Promise<'created' | 'exists'>
  /** Names another stream for a file, unless its metadata have changed since it was found. */
  assignStream(file: StoredFile, stream: string): Promise<'assigned' | 'changed'>
}

export interface RawFile {
  readonly name: string
  /** The write stream that holds the file's rows, at offset 0, or shall hold them. Empty: it names none. */
  readonly stream: string
}

export interface StoredFile extends RawFile {
  readonly metageneration: string
}
