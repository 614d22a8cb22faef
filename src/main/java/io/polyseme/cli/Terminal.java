package io.polyseme.cli;

import io.polyseme.Cancel;
import java.io.InputStream;
import java.io.PrintStream;

/**
 * What a command reads from and writes to.
 *
 * @param interactiveIn whether a person types the input
 * @param colour whether the output may be coloured
 * @param progress whether the screen can show progress
 * @param cancel set when the process is asked to end
 */
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean interactiveIn,
    boolean colour,
    boolean progress,
    Cancel cancel) {

  String bold(String text) {
    return colour ? "\u001B[1m" + text + "\u001B[0m" : text;
  }

  String dim(String text) {
    return colour ? "\u001B[2m" + text + "\u001B[0m" : text;
  }

  /** A shade from cold to warm for a share from 0 to 1. */
  String shade(String text, double share) {
    if (!colour) {
      return text;
    }
    int[] shades = {17, 18, 24, 30, 64, 100, 136, 166, 160};
    int shade = shades[(int) Math.clamp(share * shades.length, 0, shades.length - 1)];
    return "\u001B[48;5;" + shade + "m\u001B[97m" + text + "\u001B[0m";
  }
}
