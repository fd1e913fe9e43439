"""`baler audit`: whether every file that landed was bundled once and arrived."""
