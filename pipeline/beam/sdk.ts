/** To be imported before any other part of the SDK, whose modules import each other in circles: from here it works. */
import './node24.ts'
import 'apache-beam'
