"""One file a step; `schema.HEAD` names the newest."""
