"""The registrar: keeps the register of what is in the archive (baler/files/register/)."""
