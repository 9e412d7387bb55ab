import { Option } from 'commander'

export interface FleetOption {
  fleet?: string
  /** The controller to ask; `none`: nobody but agents. */
  controller?: string
}

/** The one option that every command about a fleet has. */
export const fleetOption = (): Option =>
  new Option(
    '--fleet <file>',
    'the fleet file (or TIERCEL_FLEET; else ./tiercel.yaml, /etc/tiercel/tiercel.yaml, this machine)',
  )
