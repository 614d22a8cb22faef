package io.polyseme.analogy;

import java.util.Arrays;

/**
 * The transportation problem, solved exactly: by successive shortest paths over reduced costs, each
 * found by Dijkstra's algorithm (Ahuja, Magnanti and Orlin 1993, "Network Flows", section 9.7). Not
 * thread-safe.
 */
final class Transport {
  private final double[][] costs;
  private final long[] supply;
  private final long[] demand;
  private final long[][] flow;

  /**
   * The prices of rows and columns: costs less both are at least 0, and 0 where something flows.
   */
  private final double[] rowPrices;

  private final double[] columnPrices;

  /**
   * @param costs double[m][n], at least 0
   * @param supply long[m], whose sum is that of the demand; used up
   * @param demand long[n]; used up
   */
  Transport(double[][] costs, long[] supply, long[] demand) {
    this.costs = costs;
    this.supply = supply;
    this.demand = demand;
    this.flow = new long[supply.length][demand.length];
    this.rowPrices = new double[supply.length];
    this.columnPrices = new double[demand.length];
  }

  /** The least cost at which all of the supply meets all of the demand. */
  double cost() {
    for (int row = 0; row < supply.length; row++) {
      while (supply[row] > 0) {
        send(row);
      }
    }
    double cost = 0;
    for (int i = 0; i < flow.length; i++) {
      for (int j = 0; j < flow[i].length; j++) {
        cost += flow[i][j] * costs[i][j];
      }
    }
    return cost;
  }

  /** Sends as much as fits along the cheapest path from a row to a column with demand left. */
  private void send(int start) {
    int m = supply.length;
    int n = demand.length;
    var rowDistance = new double[m];
    var columnDistance = new double[n];
    var rowBefore = new int[n];
    var columnBefore = new int[m];
    var rowDone = new boolean[m];
    var columnDone = new boolean[n];
    Arrays.fill(columnDistance, Double.POSITIVE_INFINITY);
    Arrays.fill(columnBefore, -1);
    rowDone[start] = true;
    relax(start, 0, columnDistance, rowBefore, columnDone);
    int end;
    while (true) {
      end = -1;
      for (int j = 0; j < n; j++) {
        if (!columnDone[j] && (end < 0 || columnDistance[j] < columnDistance[end])) {
          end = j;
        }
      }
      if (demand[end] > 0) {
        break;
      }
      columnDone[end] = true;
      // What this column has been given may come from elsewhere: back to the rows that gave it.
      for (int i = 0; i < m; i++) {
        if (!rowDone[i] && flow[i][end] > 0) {
          rowDone[i] = true;
          rowDistance[i] = columnDistance[end];
          columnBefore[i] = end;
          relax(i, rowDistance[i], columnDistance, rowBefore, columnDone);
        }
      }
    }
    double length = columnDistance[end];
    for (int i = 0; i < m; i++) {
      if (rowDone[i]) {
        rowPrices[i] += length - rowDistance[i];
      }
    }
    for (int j = 0; j < n; j++) {
      if (columnDone[j]) {
        columnPrices[j] -= length - columnDistance[j];
      }
    }
    long amount = Math.min(supply[start], demand[end]);
    for (int j = end; columnBefore[rowBefore[j]] >= 0; j = columnBefore[rowBefore[j]]) {
      int i = rowBefore[j];
      amount = Math.min(amount, flow[i][columnBefore[i]]);
    }
    supply[start] -= amount;
    demand[end] -= amount;
    for (int j = end; j >= 0; j = columnBefore[rowBefore[j]]) {
      int i = rowBefore[j];
      flow[i][j] += amount;
      if (columnBefore[i] >= 0) {
        flow[i][columnBefore[i]] -= amount;
      }
    }
  }

  private void relax(
      int row, double distance, double[] columnDistance, int[] rowBefore, boolean[] columnDone) {
    for (int j = 0; j < columnDistance.length; j++) {
      double reduced = Math.max(0, costs[row][j] - rowPrices[row] - columnPrices[j]);
      if (!columnDone[j] && distance + reduced < columnDistance[j]) {
        columnDistance[j] = distance + reduced;
        rowBefore[j] = row;
      }
    }
  }
}
