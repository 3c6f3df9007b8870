import { status } from '@grpc/grpc-js'

export const { ALREADY_EXISTS, FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND, OUT_OF_RANGE } = status

/** The last part of a resource's name, as error messages give it. */
export const shortOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
