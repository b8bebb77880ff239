"""Intelligent Media Services (ICE), API version 2020-11-09."""
