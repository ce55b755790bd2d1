import { generic } from './generic.js';
import type { Profile, ProfileName } from './profile.js';
import { rockwell } from './rockwell.js';
import { strict } from './strict.js';
import { usr } from './usr.js';

export const profiles: Readonly<Record<ProfileName, Profile>> = { generic, usr, rockwell, strict };
