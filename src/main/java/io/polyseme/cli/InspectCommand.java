package io.polyseme.cli;

import picocli.CommandLine;

@CommandLine.Command(
    name = "inspect",
    description = {
      "Look inside a Transformer encoder: who looks at whom, what feed-forward layers add, how a word"
          + " changes from layer to layer.",
      "Layers are counted from 1 (0 is the embeddings), heads and neurons from 0: 3.7 is head 7 of"
          + " layer 3."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  polyseme inspect attention \"The crane lifted the beam.\" --word crane",
      "  polyseme inspect layers \"He sat on the bank of the river.\" --word bank",
      "  polyseme inspect lens \"He sat on the bank of the river.\" --word bank",
      "  polyseme inspect heads --in texts.txt --pronouns",
      "  polyseme inspect neurons --in texts.txt --out texts.neurons",
      "  polyseme inspect ablation bank --data coarsewsd20",
      "  polyseme inspect facts --pairs capitals.tsv"
    })
final class InspectCommand extends Command {
  InspectCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse(
        "inspect needs a command: attention, layers, lens, neurons, heads, ablation or facts");
  }
}
