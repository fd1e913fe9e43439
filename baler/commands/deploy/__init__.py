"""`baler deploy`: lets CodeDeploy shift the function's alias to the newest version, and watches."""
