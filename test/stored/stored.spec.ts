import { installationsGoOn } from './goes-on.ts';

installationsGoOn('embedded');
