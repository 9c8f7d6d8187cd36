import { Resolver } from '@nestjs/graphql';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import type { Device } from '../generated/prisma/client.ts';
import { DevicesService } from '../push/devices.service.ts';

@Resolver('Device')
export class DeviceResolver extends EntityResolver<Device> {
  constructor(devices: DevicesService) {
    super('Device', devices.byId);
  }
}
