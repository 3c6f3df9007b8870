import type { Implementation } from '../contract.ts'
import type { storageContract } from './index.ts'

type StorageImplementation = Implementation<typeof storageContract>

export const embedded: StorageImplementation = { name: 'The embedded emulator', diverges: {}, lacks: {} }

const TRACKER = 'https://github.com/fsouza/fake-gcs-server'
const BUCKET_SETTINGS = `settings of a bucket are neither kept nor shown (${TRACKER}/issues/1025)`
/** Merged after 1.56.1. */
const UNCHECKED = `it succeeds: only uploads look at conditions, and only at those on generations (${TRACKER}/pull/2343)`
const METAGENERATION = 'the metageneration is always 1'

/** In memory, as docker-compose.yml runs it. */
export const fakeGcsServer: StorageImplementation = {
  name: 'fake-gcs-server 1.56.1',
  diverges: {
    'a bucket is shown with the defaults of the service':
      'every bucket is in US-CENTRAL1, or where its option `-location` says',
    'a bucket has the location and the storage class that it was given': BUCKET_SETTINGS,
    'a bucket has the labels and the uniform access that it was given': BUCKET_SETTINGS,
    'a bucket cannot have a name that is no name': 'names of fewer than 3 and of more than 63 characters are taken',
    'labels of a bucket are merged by a patch, and cleared by null': BUCKET_SETTINGS,
    'each change of a bucket adds a metageneration': METAGENERATION,
    'a change or a deletion of a bucket that requires another metageneration is refused': UNCHECKED,
    'only an empty bucket can be deleted': 'the refusal is a 412 with the reason conditionNotMet, not a 409',
    'an upload can be begun by one client and done by another': `the client first asks how much there is, and that ends the upload with an empty object (${TRACKER}/issues/1362)`,
    'the id of an object tells its generation': 'the id is the bucket and the name',
    'a resumable upload keeps the type of its content': `it is application/octet-stream (${TRACKER}/issues/1098)`,
    'an object has the storage class of its bucket, or its own': BUCKET_SETTINGS,
    'a missing object is named in the words of the service': 'the message is “Not Found”',
    'the settings of an object are patched one by one, and cleared by null':
      'custom metadata that is cleared becomes an empty text',
    'a setting of an object can be taken away': 'it stays',
    'each patch adds a metageneration, and changes the etag': METAGENERATION,
    'a custom time moves forward only': 'it moves back as well',
    'a write that requires a metageneration fails when another is live': UNCHECKED,
    'a read that requires another generation or metageneration fails': UNCHECKED,
    'a read that asks for a change is told that there is none': UNCHECKED,
    'a patch that requires another generation or metageneration is refused': UNCHECKED,
    'of two patches that require the same metageneration one is made': UNCHECKED,
    'a deletion that requires another generation is refused': UNCHECKED,
    'a copy onto an object that must not exist is refused': `${UNCHECKED}, also ${TRACKER}/issues/909`,
    'a composition into an object that must not exist is refused': UNCHECKED,
    'the storage class of an object can be changed': 'it stays',
    'a composition counts its components, and has no MD5': 'it has an MD5 and no count',
    'a composition of what is not there is not found': 'the refusal is a 500',
    'a glob selects names': `all names are listed (${TRACKER}/issues/1415)`,
    'fields select what is told of each object': `all is told (${TRACKER}/issues/267)`,
  },
  lacks: {},
}
