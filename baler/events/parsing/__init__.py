"""From a stream's records to events and rejections."""
