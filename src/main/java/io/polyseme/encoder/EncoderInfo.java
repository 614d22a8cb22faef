package io.polyseme.encoder;

import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.model.ModelCard;

/**
 * What an encoder is.
 *
 * @param card what is known of the model beside its graph
 * @param fingerprint SHA-256 of the model file in hex
 * @param layers the number of blocks n; hidden states are 0 to n. 0 where the graph was not
 *     understood
 * @param dimension of every vector
 * @param heads attention heads a layer; 0 where the graph was not understood
 * @param vocabulary how many pieces the tokenizer knows
 * @param window the most tokens that the model takes at once, special tokens included
 * @param quantisation how it computes with fewer bits; where that lets a text's companions matter,
 *     texts are run singly
 * @param problem why only the model's declared outputs can be used; empty where every layer can
 */
public record EncoderInfo(
    ModelCard card,
    String fingerprint,
    int layers,
    int dimension,
    int heads,
    int vocabulary,
    int window,
    Quantisation quantisation,
    String problem) {}
